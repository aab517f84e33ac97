-- The logins and databases of a new cluster; run once, by the Postgres image, when its volume is first made.
-- Neither login is a superuser. `ansinh` may make roles, because the warehouse's migrations make the roles
-- `ingest`, `transform`, `publish` and `bi_reader`.
\set ON_ERROR_STOP on
\getenv warehouse_password ANSINH_WAREHOUSE_PASSWORD
\getenv metadata_password ANSINH_METADATA_PASSWORD

create role ansinh login createrole password :'warehouse_password';
create database ansinh owner ansinh;

create role airflow login password :'metadata_password';
create database airflow owner airflow;
-- Airflow's connections and users are nobody else's business.
revoke connect on database airflow from public;
