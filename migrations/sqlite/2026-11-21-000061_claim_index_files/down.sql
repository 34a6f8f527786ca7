-- Forward only: the log is never taken apart.
SELECT 1;
