package io.drivetrain.infra.cli.read;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;

/** A whole topic as a list, for topics that are small. */
public final class Records {
    private Records() {}

    /**
     * Reads everything that is committed now, in the order of the topic.
     *
     * @param err takes one line if records cannot be decoded; they are left out
     */
    public static <T extends SpecificRecordBase> List<T> all(
            DrivetrainConfig config, Topic topic, Class<T> type, PrintWriter err) {
        LeftOut leftOut = new LeftOut();
        List<T> records = all(config, topic, type, leftOut);
        leftOut.tell(err);
        return records;
    }

    /**
     * Reads everything that is committed now, in the order of the topic.
     *
     * @param leftOut takes the records that cannot be decoded
     */
    public static <T extends SpecificRecordBase> List<T> all(
            DrivetrainConfig config, Topic topic, Class<T> type, LeftOut leftOut) {
        List<T> records = new ArrayList<>();
        TopicFollower.readAll(config, List.of(topic), (from, record) -> {
            try {
                records.add(Wire.decode(record.value(), type));
            } catch (UndecodableRecordException e) {
                leftOut.add(from, record.offset(), e.getMessage());
            }
        });
        return records;
    }
}
