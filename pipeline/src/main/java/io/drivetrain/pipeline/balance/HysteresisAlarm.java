package io.drivetrain.pipeline.balance;

import io.drivetrain.schemas.AlertState;
import java.util.Optional;

/**
 * Raised after several bad windows in a row, cleared after several good ones; windows that say nothing change nothing.
 * So a window that flaps pages nobody.
 *
 * @param raiseAfter bad windows in a row, 1 or more
 * @param clearAfter good windows in a row, 1 or more
 */
public record HysteresisAlarm(int raiseAfter, int clearAfter) {

    /** What one window says. */
    public enum Signal {
        BAD,
        GOOD,
        UNKNOWN
    }

    /**
     * Where the alarm stands.
     *
     * @param inARow bad windows while calm, good windows while raised
     * @param since when the first bad window of the row began, milliseconds since the epoch
     */
    public record State(boolean raised, int inARow, long since) {
        /** No alert and no suspicion. */
        public static final State CALM = new State(false, 0, 0);
    }

    /** The next state, and the change if there is one. */
    public record Step(State state, Optional<AlertState> change) {}

    /**
     * Takes in one window.
     *
     * @param windowStart milliseconds since the epoch
     */
    public Step next(State state, Signal signal, long windowStart) {
        return switch (signal) {
            case UNKNOWN -> new Step(state, Optional.empty());
            case BAD -> bad(state, windowStart);
            case GOOD -> good(state);
        };
    }

    private Step bad(State state, long windowStart) {
        if (state.raised) {
            return new Step(new State(true, 0, state.since), Optional.empty());
        }
        long since = state.inARow == 0 ? windowStart : state.since;
        return state.inARow + 1 < raiseAfter
                ? new Step(new State(false, state.inARow + 1, since), Optional.empty())
                : new Step(new State(true, 0, since), Optional.of(AlertState.RAISED));
    }

    private Step good(State state) {
        if (!state.raised) {
            return new Step(State.CALM, Optional.empty());
        }
        return state.inARow + 1 < clearAfter
                ? new Step(new State(true, state.inARow + 1, state.since), Optional.empty())
                : new Step(new State(false, 0, state.since), Optional.of(AlertState.CLEARED));
    }
}
