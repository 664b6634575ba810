from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents_app"
    verbose_name = "Incidents"

    def ready(self) -> None:
        # Django's registry must be whole before these can be imported.
        from cases_app import sections as sections_of_cases
        from core_app import ledger
        from incidents_app import handlers  # noqa: F401  (they register themselves)
        from incidents_app.bulk import ALL
        from incidents_app.explorer import EXPLORER
        from incidents_app.fields import INCIDENT_OF_SIGNAL, INCIDENTS
        from incidents_app.models.managers import READ, WRITE
        from incidents_app.privacy import hidden_entries
        from incidents_app.queries.rows import marks
        from search_app import bulk, surfaces
        from search_app.explorer import spec
        from signals_app import marks as marks_of_signals
        from signals_app import sections
        from signals_app.fields import SIGNAL_FIELDS

        ledger.hide(hidden_entries)
        surfaces.register(INCIDENTS)
        spec.register(EXPLORER)
        for entry in ALL:
            bulk.register(entry)
        SIGNAL_FIELDS.add(INCIDENT_OF_SIGNAL)
        marks_of_signals.register(marks)
        sections.register(sections.Section("incidents", "Incidents", "incidents:of_signal", READ, place=20))
        sections_of_cases.register(
            sections_of_cases.Section("incidents", "Incidents", "incidents:of_case", READ, place=10)
        )
        declare = sections_of_cases.Button(
            "declare", "Declare Incident", "incident", "incidents:escalate", WRITE, place=10
        )
        sections_of_cases.register(declare)
