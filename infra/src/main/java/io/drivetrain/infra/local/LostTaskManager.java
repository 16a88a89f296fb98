package io.drivetrain.infra.local;

/**
 * Decides when a mini cluster gets another task manager. What a task throws while it is cleared away, as a writer does on a
 * full disk, ends the whole task manager. On a cluster its process is started again; here nobody else would, and the jobs
 * would wait for it without end.
 */
final class LostTaskManager {
    /** One that was only silent for too long connects again by itself within moments, and two would take the memory of two. */
    private static final int LOOKS = 3;

    private int looksWithout;

    /** Takes in how many are connected, and returns whether one is to be started now. */
    boolean lost(int connected) {
        looksWithout = connected == 0 ? looksWithout + 1 : 0;
        if (looksWithout < LOOKS) {
            return false;
        }
        looksWithout = 0;
        return true;
    }
}
