/* cit simulate --patch: its part of the command. */
#pragma once
#include "cli.h"

typedef struct patch_arguments {
    const char *case_path, *protocol_path, *folder, *fields, *resume;
    bool force, prior, single, vtk;
    int day, scar; /* scar: cit_scar_type; 0: the case's first */
    double voxel_mm, voxel_z_mm, size_mm;
    double days, every_day, checkpoint_day; /* days, checkpoint_day: NAN: as usual, never */
    computing computing;
} patch_arguments;

cit_status simulate_patch(const patch_arguments *arguments, cit_errors *errs);
