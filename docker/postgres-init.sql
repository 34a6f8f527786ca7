-- Run by the PostgreSQL image when its cluster is made: the registry's role and database. Schema and tables come with
-- `vasp-registry migrate --create`.
\set password `cat /run/secrets/registry_password`
CREATE ROLE registry LOGIN PASSWORD :'password';
CREATE DATABASE registry OWNER registry ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;
