package io.drivetrain.infra.cli.demo;

import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.collect.SampleSource;
import java.util.List;
import java.util.Map;

/** Where the demo's samples come from. */
interface DemoData {
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

    /** Entries of {@link #first}. */
    long firstEntries();

    /** Entries of {@link #later}; 0 if there are none. */
    long laterEntries();

    /** The first samples. */
    SampleSource first() throws DatasetException;

    /** The new SOURCE samples. */
    SampleSource later() throws DatasetException;
}
