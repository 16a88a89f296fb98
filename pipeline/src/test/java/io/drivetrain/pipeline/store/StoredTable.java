package io.drivetrain.pipeline.store;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.iceberg.Table;

/** A small table for tests of other modules, which start this as a process: each number after the folder ends a snapshot. */
final class StoredTable {
    private StoredTable() {}

    public static void main(String[] arguments) throws IOException {
        Table table = new StoredSamples(Path.of(arguments[0])).table();
        int from = 0;
        for (int i = 1; i < arguments.length; i++) {
            int to = Integer.parseInt(arguments[i]);
            System.out.println(StoredSamples.appendAsJob(table, StoredSamples.samples(from, to), i));
            from = to;
        }
    }
}
