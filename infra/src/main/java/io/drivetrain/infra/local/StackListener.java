package io.drivetrain.infra.local;

/** Hears what happens to the processes of a stack; called from several threads. */
public interface StackListener {
    /** A process serves. */
    void ready(Role role, double seconds);

    /** A process ended by itself and is started again. */
    void restarted(Role role, String why);

    /**
     * A process goes on, and says what people should know of its work.
     *
     * @param good whether a trouble is over
     */
    void told(Role role, boolean good, String sentence);

    /** The stack cannot go on; the sentence says why. */
    void failed(String sentence);

    /** Tells on stderr what goes wrong, and nothing else. */
    static StackListener ofTrouble() {
        return new StackListener() {
            @Override
            public void ready(Role role, double seconds) {}

            @Override
            public void restarted(Role role, String why) {
                System.err.println(why);
            }

            @Override
            public void told(Role role, boolean good, String sentence) {
                System.err.println(sentence);
            }

            @Override
            public void failed(String sentence) {
                System.err.println(sentence);
            }
        };
    }
}
