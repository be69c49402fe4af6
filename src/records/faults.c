#include "records/faults.h"

void faults_add(struct faults *f, const struct err *fault)
{
    if (f->count < FAULTS_MAX)
        f->list[f->count++] = *fault;
    else
        f->left_off++;
}

void faults_note(struct faults *f, const struct err *note)
{
    if (f->note_count < NOTES_MAX)
        f->notes[f->note_count++] = *note;
}

int faults_judge(const struct faults *f, struct err *e)
{
    if (f->count == 0)
        return 0;
    *e = f->list[0];
    return -1;
}
