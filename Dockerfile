# Evenhand for production: one image, from which web, worker, beat and migrations run (docker-compose.yml).

FROM python:3.13-slim AS build
WORKDIR /evenhand
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --requirement requirements.txt
COPY . .
# Hashed names are production's, so its settings want their values; nothing is connected to, and nothing of this stays.
RUN EVENHAND_ENV=production SECRET_KEY=only-for-collecting ALLOWED_HOSTS=none DATABASE_URL=postgres:// REDIS_URL=redis:// \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /venv/bin/pip uninstall --quiet --yes pip \
    && /venv/bin/python -m compileall -q accounts audit cases config govuk inspections ratings standards

FROM python:3.13-slim
RUN pip uninstall --quiet --yes pip \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin evenhand \
    && install --directory --owner evenhand /var/lib/evenhand /var/lib/evenhand/exports
COPY --from=build /venv /venv
COPY --from=build /evenhand /evenhand
WORKDIR /evenhand
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    EVENHAND_ENV=production EVENHAND_VAR=/var/lib/evenhand STATIC_ROOT=/evenhand/staticfiles
USER evenhand
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
