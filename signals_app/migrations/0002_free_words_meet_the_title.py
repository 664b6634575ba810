from django.db import migrations

CHUNK = 2_000


def fold_titles(apps, schema_editor):
    """Free words used to meet the message as well, and now meet what the index holds."""
    Signal = apps.get_model("signals_app", "Signal")
    last = 0
    while rows := list(Signal.objects.filter(pk__gt=last).order_by("pk").only("title", "search_text")[:CHUNK]):
        wrong = [row for row in rows if row.search_text != row.title.casefold()]
        for row in wrong:
            row.search_text = row.title.casefold()
        Signal.objects.bulk_update(wrong, ["search_text"], batch_size=500)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("signals_app", "0001_initial")]

    operations = [migrations.RunPython(fold_titles, migrations.RunPython.noop, elidable=True)]
