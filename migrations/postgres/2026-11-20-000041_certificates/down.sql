DROP TABLE certificate_lists;
DROP TABLE certificate_holders;
DROP TABLE certificate_chains;
