# The service in an image of Debian's, without root and without writing anything: docker build -t rocketchat-engagement .
#
# Two stages of the same Debian, so that the C library is the one that the binary was linked with. Certificates are compiled in.
# Time zones are as well, but a rebuilt image brings newer ones. Debian rather than an empty image, for it has a shell for the
# health check.

FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends tzdata && rm -rf /var/lib/apt/lists/*
COPY --from=build /source/target/release/rocketchat-engagement /usr/local/bin/
# A number without an account: nothing belongs to it.
USER 65532:65532
# Inside a container that is its own network alone. MONGO_URL and the like come from outside.
ENV BIND_IP=0.0.0.0 PORT=3000
EXPOSE 3000
# The process answers. Whether MongoDB does is for /readyz: starting the container again would not help.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$PORT && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]
ENTRYPOINT ["rocketchat-engagement"]
CMD ["serve"]
