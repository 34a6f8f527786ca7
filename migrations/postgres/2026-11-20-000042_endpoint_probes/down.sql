DROP TABLE endpoint_probes;
