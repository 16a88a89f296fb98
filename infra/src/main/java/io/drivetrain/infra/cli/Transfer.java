package io.drivetrain.infra.cli;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.publish.SamplePublisher;
import io.drivetrain.schemas.DrivetrainConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongConsumer;

/** Moves samples from a source to samples.raw; collecting goes on, up to a bound, while the broker is not up yet. */
public final class Transfer {
    private static final int READ_AHEAD = 1000;

    private Transfer() {}

    /**
     * What was moved.
     *
     * @param sent records that the broker has
     * @param malformed one sentence for each entry that was left out
     */
    public record Result(long sent, List<String> malformed) {}

    /** Gives the configuration of the broker, once it is up. */
    @FunctionalInterface
    public interface Broker {
        DrivetrainConfig await() throws Exception;
    }

    /**
     * Moves all of a source, and closes it.
     *
     * @param acknowledged told how many records the broker has, from any thread
     */
    public static Result all(SampleSource source, Broker broker, LongConsumer acknowledged) throws Exception {
        BlockingQueue<Optional<Collected>> ahead = new ArrayBlockingQueue<>(READ_AHEAD);
        List<RuntimeException> failures = new ArrayList<>();
        Thread collector = new Thread(
                () -> {
                    try (source) {
                        for (Collected collected : source) {
                            ahead.put(Optional.of(collected));
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (RuntimeException e) {
                        failures.add(e);
                    }
                    endOf(ahead);
                },
                "collector");
        collector.setDaemon(true);
        collector.start();
        List<String> malformed = new ArrayList<>();
        DrivetrainConfig config = broker.await();
        Map<String, Object> properties = new HashMap<>(config.kafka().properties());
        properties.put("bootstrap.servers", config.kafka().bootstrap());
        try (SamplePublisher publisher = new SamplePublisher(properties, acknowledged)) {
            for (Optional<Collected> next = ahead.take(); next.isPresent(); next = ahead.take()) {
                if (next.get() instanceof Collected.Sample sample) {
                    publisher.send(sample.sample());
                } else if (next.get() instanceof Collected.Malformed entry) {
                    malformed.add(entry.sentence());
                }
            }
            publisher.flush();
            collector.join();
            if (!failures.isEmpty()) {
                throw failures.get(0);
            }
            if (!publisher.failures().isEmpty()) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "%d records were not accepted by the broker; the first: %s"
                                .formatted(
                                        publisher.failed(), publisher.failures().get(0)));
            }
            return new Result(publisher.acknowledged(), malformed);
        } finally {
            collector.interrupt();
        }
    }

    private static void endOf(BlockingQueue<Optional<Collected>> ahead) {
        try {
            ahead.put(Optional.empty());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
