package io.drivetrain.infra.cli.demo;

import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** Where the demo's samples come from. */
public interface DemoData {
    /** One or two sentences about what is streamed first. */
    String firstIsAbout();

    /** One or two sentences about what is streamed as new SOURCE data; empty if there is none. */
    String laterIsAbout();

    /** The classes of the task. */
    List<String> classes();

    /** Configuration that fits these samples, by dotted path. */
    Map<String, String> settings();

    /** What is said about the irreducible error. */
    String irreducibleIsAbout();

    /** Records that {@link #sendFirst} sends. */
    long firstRecords();

    /** Records that {@link #sendLater} sends; 0 if there are none. */
    long laterRecords();

    /**
     * Sends the first samples.
     *
     * @param bootstrap of the broker, once it serves; drawing may begin before
     * @param sent told how many records the broker has, from any thread
     */
    void sendFirst(Broker bootstrap, LongConsumer sent) throws Exception;

    /** Sends the new SOURCE samples. */
    void sendLater(Broker bootstrap, LongConsumer sent) throws Exception;

    /** Waits for the broker. */
    @FunctionalInterface
    interface Broker {
        String await() throws Exception;
    }
}
