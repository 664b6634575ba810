from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases_app"
    verbose_name = "Cases"

    def ready(self) -> None:
        # Django's registry must be whole before these can be imported.
        from cases_app import handlers  # noqa: F401 - registers what follows from entries
        from cases_app.bulk import ALL
        from cases_app.explorer import EXPLORER
        from cases_app.fields import CASE_OF_SIGNAL, CASES
        from cases_app.models.managers import READ
        from cases_app.queries.rows import marks
        from cases_app.words import of_signal
        from search_app import bulk, surfaces
        from search_app.explorer import spec
        from signals_app import marks as marks_of_signals
        from signals_app import sections, words
        from signals_app.fields import SIGNAL_FIELDS

        surfaces.register(CASES)
        spec.register(EXPLORER)
        for entry in ALL:
            bulk.register(entry)
        SIGNAL_FIELDS.add(CASE_OF_SIGNAL)
        marks_of_signals.register(marks)
        sections.register(sections.Section("cases", "Cases", "cases:of_signal", READ, place=10))
        for verb in ("cases.signal_linked", "cases.signal_unlinked"):
            words.tell(verb, of_signal)
