/* A clock for measuring and waiting; no result depends on it. */
#ifndef QL_BASE_SECONDS_H
#define QL_BASE_SECONDS_H

/* Seconds since some moment in the past. */
double ql_seconds(void);

#endif
