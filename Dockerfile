# The service in an image of nothing but its program, built from source: docker build -t rocketchat-engagement .
#
# The program is linked statically, with musl. Certificates and time zones are compiled in.
# deploy/image/Dockerfile makes the same image of a program that is built already.

FROM rust:1.95.0-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends musl-tools && rm -rf /var/lib/apt/lists/* \
    && rustup target add "$(uname -m)-unknown-linux-musl"
WORKDIR /source
COPY . .
RUN cargo build --release --locked --target "$(uname -m)-unknown-linux-musl" \
    && install -D -m 755 target/*-unknown-linux-musl/release/rocketchat-engagement /image/usr/local/bin/rocketchat-engagement

FROM scratch
COPY --from=build /image/ /
# A number without an account: nothing belongs to it.
USER 65532:65532
# Inside a container that is its own network alone. MONGO_URL and the like come from outside.
ENV PATH=/usr/local/bin BIND_IP=0.0.0.0 PORT=3000
EXPOSE 3000
# The process answers. Whether MongoDB does is for /readyz: starting the container again would not help.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/usr/local/bin/rocketchat-engagement", "health"]
ENTRYPOINT ["/usr/local/bin/rocketchat-engagement"]
CMD ["serve"]
