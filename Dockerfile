# The README's two commands on a fresh machine with git, make and Python; the environment is that of requirements.lock.
#   docker build -t kesenjangan-blitar .     makes everything; the pages are in /kesenjangan-blitar/outputs/site
#   docker run --rm kesenjangan-blitar       runs the tests
FROM python:3.11-slim AS machine
RUN apt-get update \
 && apt-get install -y --no-install-recommends git make chromium \
 && rm -rf /var/lib/apt/lists/*

FROM machine
WORKDIR /kesenjangan-blitar
COPY . .
RUN make all
CMD ["make", "test"]
