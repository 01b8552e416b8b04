/**
 * @file version.h
 * The version of quell. The build reads it from here, so this is its only place.
 */
#ifndef QUELL_VERSION_H
#define QUELL_VERSION_H

/** Major version: changes when the ABI breaks (from 1.0 on). */
#define QUELL_VERSION_MAJOR 0
/** Minor version: changes when something is added. */
#define QUELL_VERSION_MINOR 1
/** Patch version: changes when something is repaired. */
#define QUELL_VERSION_PATCH 0

#endif
