// c15t's backend as its own documentation sets it up: Kysely over PostgreSQL, its handler behind Hono's Node server.
import { c15tInstance } from "@c15t/backend";
import { kyselyAdapter } from "@c15t/backend/db/adapters/kysely";
import { migrator } from "@c15t/backend/db/migrator";
import { DB } from "@c15t/backend/db/schema";
import { serve } from "@hono/node-server";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

const { BENCH_DATABASE, BENCH_ORIGIN, PORT } = process.env;
const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: BENCH_DATABASE, max: 10 }) }) });
const adapter = kyselyAdapter({ db, provider: "postgresql" });
const plan = await migrator({ db: DB.client(adapter), schema: "latest" });
if ("execute" in plan) await plan.execute();
const backend = c15tInstance({ appName: "bench", basePath: "/", trustedOrigins: [BENCH_ORIGIN], adapter, logger: { level: "error" } });
serve({ fetch: backend.handler, port: Number(PORT), hostname: "127.0.0.1" });
