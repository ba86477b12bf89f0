# One image, six commands: reminders topics, worker, sender, gateway, archive, simulator.
FROM python:3.11-slim
WORKDIR /app
COPY requirements.lock pyproject.toml README.md ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && useradd --system --create-home reminders \
    && mkdir /data && chown reminders /data
USER reminders
VOLUME /data
ENTRYPOINT ["reminders"]
