package io.drivetrain.infra.cli;

/** How a command ended, for scripts. */
public enum ExitCode {
    DONE(0),
    FAILED(1),
    WRONG_USAGE(2),
    /** Done, but the verdict is negative. */
    NEGATIVE(3);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
