# Tocsin for production: the same image runs the web server, the worker and the clock (see compose.yml).
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --system --uid 10001 --home-dir /srv/tocsin tocsin \
    && install -d -o tocsin -g tocsin -m 0700 /var/lib/tocsin
WORKDIR /srv/tocsin

COPY requirements/base.txt requirements/postgres.txt requirements/
RUN pip install --require-hashes -r requirements/base.txt \
    && pip install --require-hashes -r requirements/postgres.txt

COPY manage.py pyproject.toml ./
COPY static static
COPY templates templates
COPY config config
COPY core_app core_app
COPY accounts_app accounts_app
COPY search_app search_app
COPY signals_app signals_app

ENV DEBUG=0 TOCSIN_DEMO=0 TOCSIN_DATA_DIR=/var/lib/tocsin
# collectstatic asks for a key as everything does, and puts it nowhere.
RUN SECRET_KEY=only-for-this-step python manage.py collectstatic --no-input --verbosity 0

USER tocsin
VOLUME /var/lib/tocsin
EXPOSE 8000
CMD ["gunicorn", "--config", "python:config.gunicorn", "--bind", "0.0.0.0:8000", "config.wsgi"]
