package io.drivetrain.infra.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "ingest", mixinStandardHelpOptions = true)
final class IngestCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 1;
    }
}
