DROP TABLE lei_looks;
DROP TABLE lei_records;
