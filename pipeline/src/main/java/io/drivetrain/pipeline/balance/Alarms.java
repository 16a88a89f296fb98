package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertKind;
import io.drivetrain.schemas.AlertState;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The alarms of one kind, by subject; calm ones take no memory. */
final class Alarms {
    private final AlertKind kind;
    private final Map<String, HysteresisAlarm.State> states = new TreeMap<>();

    /**
     * What an alert says.
     *
     * @param message one sentence
     */
    record Text(String message, Map<String, String> details, long referenceDrives, long windowDrives) {}

    Alarms(AlertKind kind) {
        this.kind = kind;
    }

    /**
     * Takes in what a window says about a subject.
     *
     * @param start of the window, milliseconds since the epoch
     * @param text of the alert, given when it begins, milliseconds since the epoch; asked only if there is one
     */
    Optional<Alert> next(
            HysteresisAlarm alarm,
            String subject,
            HysteresisAlarm.Signal signal,
            long start,
            long now,
            Function<Change, Text> text) {
        HysteresisAlarm.Step step = alarm.next(states.getOrDefault(subject, HysteresisAlarm.State.CALM), signal, start);
        Optional<Alert> alert = step.change().map(change -> {
            Instant since = Instant.ofEpochMilli(step.state().since());
            Text said = text.apply(new Change(change, since));
            return new Alert(
                    "%s/%s/%s".formatted(kind.label(), subject, since),
                    kind.label(),
                    change,
                    List.of(),
                    since,
                    (int) Math.min(Integer.MAX_VALUE, said.referenceDrives),
                    (int) Math.min(Integer.MAX_VALUE, said.windowDrives),
                    said.message,
                    Instant.ofEpochMilli(now),
                    subject,
                    said.details);
        });
        if (step.state().raised() || step.state().inARow() > 0) {
            states.put(subject, step.state());
        } else {
            states.remove(subject);
        }
        return alert;
    }

    /** A change of an alarm, and when the episode began. */
    record Change(AlertState state, Instant since) {}

    /** Whether an alert about the subject stands. */
    boolean raised(String subject) {
        return states.getOrDefault(subject, HysteresisAlarm.State.CALM).raised();
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(states.size());
        for (Map.Entry<String, HysteresisAlarm.State> entry : states.entrySet()) {
            BinaryForm.writeText(entry.getKey(), out);
            out.writeBoolean(entry.getValue().raised());
            out.writeInt(entry.getValue().inARow());
            out.writeLong(entry.getValue().since());
        }
    }

    static Alarms read(AlertKind kind, DataInput in) throws IOException {
        Alarms alarms = new Alarms(kind);
        for (int left = in.readInt(); left > 0; left--) {
            alarms.states.put(
                    BinaryForm.readText(in), new HysteresisAlarm.State(in.readBoolean(), in.readInt(), in.readLong()));
        }
        return alarms;
    }
}
