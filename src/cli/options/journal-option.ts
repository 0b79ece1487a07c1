/** How help names the folder that `journalFolder` finds. */
export const defaultJournalDir = '$XDG_STATE_HOME/crosstrail, else ~/.local/state/crosstrail'
