package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.show.ProgressBar;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.collect.Feed;
import io.drivetrain.ingest.decode.Dataset;
import io.drivetrain.ingest.decode.DatasetFormat;
import io.drivetrain.ingest.decode.DatasetOptions;
import io.drivetrain.ingest.decode.LargeImages;
import io.drivetrain.ingest.publish.Ingestion;
import io.drivetrain.ingest.publish.OncePublisher;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.IngestProgress;
import io.drivetrain.schemas.objects.ObjectStoreException;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ingest}: images of a data set, or drawn scenes, to samples.raw. */
@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = {
            "Send labelled images to samples.raw.",
            "Stopped or killed, the same command goes on where it was, and sends nothing twice."
        },
        footer = {
            "",
            "Examples:",
            "  ./drivetrain ingest photos                      finds out what it is",
            "  ./drivetrain ingest photos --labels photos/manifest-later.csv",
            "  ./drivetrain ingest bdd100k --format bdd100k --dry-run",
            "  ./drivetrain ingest coco/annotations/instances.json --images coco/val",
            "  ./drivetrain ingest kitti --drive 'image_2/(\\d+)/' --domain target",
            "  ./drivetrain ingest photos --kafka-properties client.properties",
            "  ./drivetrain ingest --format synthetic --night --source-drives 50",
            "",
            "Formats:",
            "  folder     manifest.csv with the columns path,label and, if known, domain,",
            "             drive,frame,capturedAt,labelSource,telemetry.NAME and any",
            "             attributes; or manifest.jsonl; without one, the name of each",
            "             image's folder is its class",
            "  bdd100k    Scalabel JSON or JSONL, and the first release's JSON for each image",
            "  coco       instances JSON",
            "  kitti      label_2 text files beside image_2",
            "  yolo       text files, with data.yaml or classes.txt for the names of classes",
            "  synthetic  drawn scenes",
            "",
            "Images that come with boxes and no class get one by the rule ingest.label-rule of the configuration, for"
                    + " example: --set 'ingest.label-rule=pedestrian if person|rider min-height=25 else no-pedestrian'.",
            "The classes must be in the configuration of the stack: ./drivetrain up --set classes=red,green",
            "",
            "Exit code 3: some entries were malformed and left out; the rest was sent."
        })
final class IngestCommand implements Callable<Integer> {
    /** Where samples may come from. */
    enum Format {
        FOLDER(Optional.of(DatasetFormat.FOLDER)),
        BDD100K(Optional.of(DatasetFormat.BDD100K)),
        COCO(Optional.of(DatasetFormat.COCO)),
        KITTI(Optional.of(DatasetFormat.KITTI)),
        YOLO(Optional.of(DatasetFormat.YOLO)),
        SYNTHETIC(Optional.empty());

        private final Optional<DatasetFormat> dataset;

        Format(Optional<DatasetFormat> dataset) {
            this.dataset = dataset;
        }
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "folder, bdd100k, coco, kitti, yolo or synthetic. Default: found out from PATH.")
    private Format format;

    @Parameters(arity = "0..1", paramLabel = "PATH", description = "Folder of the data set, or its label file.")
    private Path path;

    @Option(
            names = {"--labels", "--manifest"},
            paramLabel = "PATH",
            description = "Manifest, label file or folder of label files. Default: found below PATH.")
    private Path labels;

    @Option(names = "--images", paramLabel = "DIR", description = "Folder with the images. Default: found below PATH.")
    private Path images;

    @Option(names = "--names", paramLabel = "FILE", description = "YOLO's names of classes. Default: found below PATH.")
    private Path names;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Put before ids of samples and drives. Default: the format; nothing for folder.")
    private String name;

    @Option(
            names = "--domain",
            paramLabel = "DOMAIN",
            description = "source or target, where the files do not say. Default: ${DEFAULT-VALUE}.")
    private Domain domain = Domain.SOURCE;

    @Option(
            names = "--drive",
            paramLabel = "REGEX",
            description = {
                "Its first group, in the path of an image, is the drive, where the files do not say.",
                "Without it such an image is a drive of its own."
            })
    private Pattern drive;

    @Option(names = "--label-source", paramLabel = "NAME", description = "Who labelled it, where the files do not say.")
    private String labelSource;

    @Option(
            names = "--to-raw",
            description = "To samples.raw of the running stack, or of the Kafka that --bootstrap, --kafka-properties or"
                    + " --config names. There is nowhere else to send to, so it may be left out.")
    private boolean toRaw;

    @Option(names = "--again", description = "From the beginning, although it was sent before.")
    private boolean again;

    @Option(names = "--dry-run", description = "Read all of it, and send nothing; needs no stack.")
    private boolean dryRun;

    @Option(
            names = "--malformed",
            paramLabel = "FILE",
            description = "Append what was left out, one JSON object a line.")
    private Path malformedFile;

    @Option(names = "--source-drives", paramLabel = "N", description = "Synthetic. Default: ${DEFAULT-VALUE}.")
    private int sourceDrives = 100;

    @Option(names = "--target-drives", paramLabel = "N", description = "Synthetic. Default: ${DEFAULT-VALUE}.")
    private int targetDrives = 60;

    @Option(names = "--frames", paramLabel = "N", description = "Synthetic, of a drive. Default: ${DEFAULT-VALUE}.")
    private int frames = 12;

    @Option(names = "--night", description = "Synthetic: only SOURCE drives, by night.")
    private boolean night;

    @Option(names = "--seed", paramLabel = "N", description = "Synthetic. Default: ${DEFAULT-VALUE}.")
    private long seed = 42;

    @Option(names = "--json", description = "What was sent as one JSON document on stdout.")
    private boolean json;

    /** What is read, and what it is called. */
    private record Input(String about, List<String> asked, boolean derivesLabels, Opener opener) {}

    @FunctionalInterface
    private interface Opener {
        Feed open(long maxInlineBytes, LargeImages largeImages) throws DatasetException;
    }

    @Override
    public Integer call() throws Exception {
        if (path == null && format != Format.SYNTHETIC) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE,
                    "%s; for example: ./drivetrain ingest photos"
                            .formatted(
                                    format == null
                                            ? "Give the folder of a data set, or --format synthetic"
                                            : "--format " + format.name().toLowerCase(Locale.ROOT)
                                                    + " needs the folder"));
        }
        Terminal terminal = json ? Terminal.onErr() : Terminal.detect();
        DrivetrainConfig config = dryRun ? stack.withoutBroker() : stack.require();
        Input input = input(config);
        terminal.line("Reading " + input.about);
        if (input.derivesLabels) {
            terminal.line("Classes come from ingest.label-rule: "
                    + config.ingest().labelRule().text());
        }
        try (MalformedEntries malformed =
                new MalformedEntries(spec.commandLine().getErr()::println, Optional.ofNullable(malformedFile))) {
            Interrupt interrupt = Interrupt.handled();
            try (interrupt) {
                return dryRun
                        ? read(input, config, interrupt, malformed, terminal)
                        : send(input, config, interrupt, malformed, terminal);
            }
        }
    }

    private int send(
            Input input, DrivetrainConfig config, Interrupt interrupt, MalformedEntries malformed, Terminal terminal)
            throws Exception {
        String id = Ingestion.id(input.asked);
        long started = System.nanoTime();
        Ingestion.Result result;
        try (OncePublisher publisher = new OncePublisher(client(config), id, terminal::line);
                Feed feed = input.opener.open(
                        publisher.maxInlineBytes(config.ingest().maxInlineBytes()), LargeImages.of(config))) {
            ProgressBar[] bar = new ProgressBar[1];
            Ingestion.Listener listener = new Ingestion.Listener() {
                @Override
                public void malformed(Collected.Malformed entry) {
                    malformed.add(entry);
                }

                @Override
                public void reached(IngestProgress progress) {
                    if (bar[0] == null) {
                        long total = feed.expectedCount().orElse(0);
                        bar[0] = new ProgressBar("samples.raw", "entries", total, progress.getEntries());
                        if (progress.getEntries() > 0) {
                            terminal.line(String.format(
                                    "Going on after %,d entries that were sent before.", progress.getEntries()));
                        }
                    }
                    terminal.progress(
                            bar[0].text(terminal, progress.getEntries(), (System.nanoTime() - started) / 1e9));
                }
            };
            result = new Ingestion(publisher, id, input.about, Clock.systemUTC())
                    .run(feed, again, interrupt::asked, listener);
        } catch (OncePublisher.PublishException | ObjectStoreException e) {
            throw new CommandException(ExitCode.FAILED, e.getMessage());
        } catch (Ingestion.ChangedException e) {
            throw new CommandException(ExitCode.WRONG_USAGE, e.getMessage());
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        terminal.endProgress();
        malformed.end();
        if (json) {
            ObjectNode document = new ObjectMapper().createObjectNode();
            document.put("ingestId", id);
            document.put("sent", result.sent());
            document.put(
                    "sentBefore", result.before().map(IngestProgress::getSent).orElse(0L));
            document.put("malformed", result.malformed());
            ObjectNode codes = document.putObject("malformedByCode");
            new TreeMap<>(malformed.byCode()).forEach(codes::put);
            document.put("entries", result.now().getEntries());
            document.put("whole", result.whole());
            document.put("seconds", seconds);
            spec.commandLine().getOut().println(document.toPrettyString());
        } else {
            terminal.line(summary(result, again, seconds));
        }
        return (result.malformed() == 0 && result.whole() ? ExitCode.DONE : ExitCode.NEGATIVE).code();
    }

    private static String summary(Ingestion.Result result, boolean again, double seconds) {
        if (!result.whole()) {
            return "Stopped after %,d entries; the same command%s goes on from there."
                    .formatted(result.now().getEntries(), again ? " without --again" : "");
        }
        if (result.before().isPresent() && result.sent() == 0 && result.malformed() == 0) {
            return "All of it, %,d samples, was sent before, the last on %s; --again sends it once more."
                    .formatted(result.now().getSent(), result.before().get().getAt());
        }
        return "Sent %,d samples in %s, %,.0f/s; left out %,d."
                .formatted(
                        result.sent(),
                        ProgressBar.duration(seconds),
                        seconds > 0 ? result.sent() / seconds : 0.0,
                        result.malformed());
    }

    private int read(
            Input input, DrivetrainConfig config, Interrupt interrupt, MalformedEntries malformed, Terminal terminal)
            throws DatasetException {
        try (Feed feed = input.opener.open(config.ingest().maxInlineBytes(), LargeImages.inPlace())) {
            return read(feed, interrupt, malformed, terminal);
        }
    }

    private int read(Feed feed, Interrupt interrupt, MalformedEntries malformed, Terminal terminal) {
        long started = System.nanoTime();
        ProgressBar bar =
                new ProgressBar("dry run", "entries", feed.expectedCount().orElse(0), 0);
        Map<String, Long> classes = new TreeMap<>();
        long entries = 0;
        long samples = 0;
        while (feed.hasNext() && !interrupt.asked()) {
            entries++;
            Collected collected = feed.next().collected().get();
            if (collected instanceof Collected.Sample sample) {
                samples++;
                String label = sample.sample().getLabel();
                classes.merge(label == null ? "" : label, 1L, Long::sum);
            } else {
                malformed.add((Collected.Malformed) collected);
            }
            if (entries % 100 == 0) {
                terminal.progress(bar.text(terminal, entries, (System.nanoTime() - started) / 1e9));
            }
        }
        terminal.endProgress();
        malformed.end();
        if (json) {
            ObjectNode document = new ObjectMapper().createObjectNode();
            document.put("dryRun", true);
            document.put("wouldSend", samples);
            document.put("malformed", malformed.count());
            ObjectNode codes = document.putObject("malformedByCode");
            new TreeMap<>(malformed.byCode()).forEach(codes::put);
            ObjectNode counts = document.putObject("classes");
            classes.forEach(counts::put);
            spec.commandLine().getOut().println(document.toPrettyString());
        } else {
            terminal.line("Would send %,d samples, and leave out %,d.".formatted(samples, malformed.count()));
            classes.forEach((label, count) ->
                    terminal.line("%,9d  %s".formatted(count, label.isEmpty() ? "(without a class)" : label)));
        }
        return (malformed.count() == 0 ? ExitCode.DONE : ExitCode.NEGATIVE).code();
    }

    /** Properties of Kafka's clients, the broker's address among them. */
    static Map<String, Object> client(DrivetrainConfig config) {
        Map<String, Object> properties = new HashMap<>(config.kafka().properties());
        properties.put("bootstrap.servers", config.kafka().bootstrap());
        return properties;
    }

    private Input input(DrivetrainConfig config) throws CommandException, DatasetException {
        if (format == Format.SYNTHETIC) {
            return synthetic();
        }
        DatasetOptions options = new DatasetOptions(
                path,
                Optional.ofNullable(format).flatMap(known -> known.dataset),
                Optional.ofNullable(labels),
                Optional.ofNullable(images),
                Optional.ofNullable(names),
                Optional.ofNullable(name),
                domain,
                Optional.ofNullable(drive),
                Optional.ofNullable(labelSource));
        Dataset dataset = Dataset.open(options);
        List<String> asked = new ArrayList<>(dataset.asked());
        asked.add(config.ingest().labelRule().text());
        return new Input(
                "%s (%s): %s, %,d images"
                        .formatted(path, dataset.format().text(), dataset.description(), dataset.images()),
                asked,
                dataset.derivesLabels(),
                (maxInlineBytes, largeImages) ->
                        dataset.feed(config.ingest().labelRule(), maxInlineBytes, largeImages));
    }

    private Input synthetic() throws CommandException {
        for (int count : List.of(sourceDrives, targetDrives, frames)) {
            if (count < 1) {
                throw new CommandException(ExitCode.WRONG_USAGE, "Numbers of drives and frames must be 1 or more");
            }
        }
        StreamPlan plan =
                night ? StreamPlan.nightSource(seed, sourceDrives) : StreamPlan.first(seed, sourceDrives, targetDrives);
        String about = "drawn scenes, %d source drives%s of %d frames, seed %d"
                .formatted(sourceDrives, night ? " by night" : ", " + targetDrives + " target drives", frames, seed);
        return new Input(
                about,
                List.of("synthetic", about),
                false,
                (unlimited, inline) -> Feed.of(SyntheticScenes.source(
                        plan.withFramesPerDrive(frames), Runtime.getRuntime().availableProcessors())));
    }
}
