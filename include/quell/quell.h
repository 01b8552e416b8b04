/**
 * @file quell.h
 * Includes the whole public face of quell.
 */
#ifndef QUELL_QUELL_H
#define QUELL_QUELL_H

#include <quell/catalogue.h>
#include <quell/modulator.h>
#include <quell/network.h>
#include <quell/plugin.h>
#include <quell/population.h>
#include <quell/projection.h>
#include <quell/recorder.h>
#include <quell/registry.h>
#include <quell/rule.h>
#include <quell/types.h>
#include <quell/vecmath.h>
#include <quell/version.h>

#endif
