# One image for every role: docker run IMAGE serve --role ROLE
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
RUN mkdir /data /keys && chown node:node /data /keys
USER node
ENV NODE_ENV=production SC_DATA_DIR=/data SC_HOST=0.0.0.0
VOLUME /data
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve"]
