/* faults.h - everything that is wrong with one record, so that it can be mended in one go. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum { FAULTS_MAX = 16, NOTES_MAX = 8 };

struct faults {
    struct err list[FAULTS_MAX]; /* each with its JSON pointer in .field */
    size_t count;
    size_t left_off;             /* further ones, beyond FAULTS_MAX */
    struct err notes[NOTES_MAX]; /* what was put right or looks odd; refuses nothing */
    size_t note_count;
};

/* Takes a copy. */
void faults_add(struct faults *f, const struct err *fault);
void faults_note(struct faults *f, const struct err *note);
/* 0 if there are none; else -1 and the first one in *e. */
int faults_judge(const struct faults *f, struct err *e);
