package io.drivetrain.trainer.schedule;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/** Times at which to train, from a UNIX cron expression in a time zone. */
public final class CronSchedule {
    private final ExecutionTime times;
    private final ZoneId zone;

    private CronSchedule(ExecutionTime times, ZoneId zone) {
        this.times = times;
        this.zone = zone;
    }

    /**
     * Reads {@code retraining.schedule}.
     *
     * @return empty for an empty text
     * @throws IllegalArgumentException with a sentence, if it is no cron expression
     */
    public static Optional<CronSchedule> parse(String expression, ZoneId zone) {
        if (expression.isBlank()) {
            return Optional.empty();
        }
        try {
            CronParser parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
            return Optional.of(new CronSchedule(ExecutionTime.forCron(parser.parse(expression.strip())), zone));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    ("retraining.schedule is '%s', which is no UNIX cron expression (%s); for example '0 3 * * *' trains"
                                    + " every night at three")
                            .formatted(expression, e.getMessage()),
                    e);
        }
    }

    /**
     * The latest time of the schedule after one instant and up to another: several that were missed, for example while
     * the process was down, are made up for by one.
     */
    public Optional<Instant> due(Instant after, Instant upToAndIncluding) {
        // The library's "last" is strictly before; the schedule's unit is the minute, so a second later is after.
        return times.lastExecution(upToAndIncluding.plusSeconds(1).atZone(zone))
                .map(ZonedDateTime::toInstant)
                .filter(time -> time.isAfter(after) && !time.isAfter(upToAndIncluding));
    }
}
