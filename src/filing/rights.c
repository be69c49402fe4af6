/* rights.c - what an actor may do with a filing in its present state. */
#include "filing/filing.h"
#include <string.h>

static bool acts_for(const struct filing_actor *who, const char *organisation)
{
    return who->organisation == NULL || strcmp(who->organisation, organisation) == 0;
}

static void explain(struct filing_rights *out, const struct filing_row *f, bool organiser, bool issuer)
{
    switch (f->status) {
    case FILING_EDITING:
    case FILING_RETURNED:
        if (!organiser) {
            out->why_zh = "备案由组建单位填写，提交后由发证机关审核。";
            out->why_en = "The organiser fills the filing in; the issuing authority decides once it is "
                          "submitted.";
        }
        break;
    case FILING_REVIEWING:
        if (!issuer) {
            out->why_zh = "备案正在审核，由发证机关通过或退回；退回后可以修改。";
            out->why_en =
                "The filing is being reviewed: the issuing authority passes or returns it. It can be "
                "changed after a return.";
        }
        break;
    case FILING_APPROVED:
        out->why_zh = "备案已审核通过，名单不能再改；入库前可核减，入库后可更正。";
        out->why_en =
            "The filing is approved, so its list stays as it is: rows can be taken out before 入库 and "
            "corrected afterwards.";
        break;
    }
}

void filing_rights(struct filing_rights *out, const struct filing_row *f, const struct filing_actor *who)
{
    bool organiser = acts_for(who, f->organisation);
    /* whoever acts for all is no other office than the organiser */
    bool issuer = who->organisation != NULL && strcmp(who->organisation, f->issuer) == 0;
    bool open = f->status == FILING_EDITING || f->status == FILING_RETURNED;
    bool numbered = f->accession_state == ACCESSION_DONE;

    *out = (struct filing_rights){
        .edit = organiser && open,
        .submit = organiser && open,
        .decide = issuer && f->status == FILING_REVIEWING,
        .accession = (organiser || issuer) && f->status == FILING_APPROVED && !numbered &&
                     f->accession_state != ACCESSION_CHECKING,
        .remove = (organiser || issuer) && !numbered && f->accession_state != ACCESSION_CHECKING,
        .upload_photos = organiser,
        .manage = (organiser || issuer) && f->status == FILING_APPROVED,
    };
    explain(out, f, organiser, issuer);
}
