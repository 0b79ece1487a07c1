/** The folder that `journalFolder` finds, as help names it. */
export const defaultJournalDir = '$XDG_STATE_HOME/crosstrail, else ~/.local/state/crosstrail'
