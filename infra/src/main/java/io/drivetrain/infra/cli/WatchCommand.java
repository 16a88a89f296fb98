package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.ImageFiles;
import io.drivetrain.ingest.collect.WatchedFolder;
import io.drivetrain.ingest.decode.CameraFile;
import io.drivetrain.ingest.decode.CameraLog;
import io.drivetrain.ingest.decode.Decoder;
import io.drivetrain.ingest.decode.LargeImages;
import io.drivetrain.ingest.publish.Ingestion;
import io.drivetrain.ingest.publish.OncePublisher;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.IngestProgress;
import io.drivetrain.schemas.LabelRule;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.objects.ObjectStoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code watch}: a folder that cameras write into, to samples.raw. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = {
            "Follow a folder and send each image as soon as it is whole, until Ctrl-C.",
            "Started again, it sends what has come since, and nothing twice; a file whose content has changed is sent"
                    + " again."
        },
        footer = {
            "",
            "Examples:",
            "  ./drivetrain watch /data/cameras",
            "  ./drivetrain watch /data/cameras --domain target --drive '^(car-\\d+/\\d{8})/'",
            "  ./drivetrain watch /data/cameras --once --json",
            "",
            "A path below DIR reads DRIVE/CLASS/FILE. Files are whole when they have stopped changing and end as JPEG or"
                    + " PNG ends; names that begin with a dot, or end in .part or .tmp, are left alone. The capture time is the"
                    + " file's, and the frame index follows from it, so files may come in any order."
        })
final class WatchCommand implements Callable<Integer> {
    /** A pause lasts this many times as long as the look before it, or longer. */
    private static final int PAUSE_FOR_A_LOOK = 9;

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Parameters(paramLabel = "DIR", description = "Folder to follow, with those below it.")
    private Path folder;

    @Option(
            names = "--drive",
            paramLabel = "REGEX",
            description =
                    "Its first group, in the path of an image, is the drive. Default: the folders above the class.")
    private Pattern drive;

    @Option(names = "--domain", paramLabel = "DOMAIN", description = "source or target. Default: ${DEFAULT-VALUE}.")
    private Domain domain = Domain.SOURCE;

    @Option(names = "--label-source", paramLabel = "NAME", description = "Who labels the images.")
    private String labelSource;

    @Option(
            names = "--settle",
            paramLabel = "MILLIS",
            description = "A file must not change for this long. Default: ${DEFAULT-VALUE}.")
    private int settle = 1000;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description =
                    "A file that does not end as it should is sent, for curation to reject, when it has not changed for"
                            + " this long. Default: ${DEFAULT-VALUE}.")
    private int patience = 60;

    @Option(
            names = "--every",
            paramLabel = "MILLIS",
            description = "How often to look at most; a folder of many files, less often. Default: ${DEFAULT-VALUE}.")
    private int every = 500;

    @Option(names = "--once", description = "End when all that is there has been sent.")
    private boolean once;

    @Option(names = "--json", description = "What was sent as one JSON document on stdout, at the end.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (settle < 0 || patience < 0 || every < 1) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, "--settle and --patience must be 0 or more, --every 1 or more");
        }
        if (!Files.isDirectory(folder)) {
            throw new CommandException(ExitCode.WRONG_USAGE, "No such folder: %s; check the path".formatted(folder));
        }
        DrivetrainConfig config = stack.require();
        Path root = folder.toAbsolutePath().normalize();
        CameraFile camera = new CameraFile(Optional.ofNullable(drive), domain, Optional.ofNullable(labelSource));
        String id = Ingestion.id(List.of("watch", root.toString(), camera.toString()));
        Terminal terminal = json ? Terminal.onErr() : Terminal.detect();
        Interrupt interrupt = Interrupt.handled();
        try (interrupt;
                OncePublisher publisher = new OncePublisher(IngestCommand.client(config), id, terminal::line);
                LargeImages largeImages = LargeImages.of(config)) {
            Decoder decoder = new Decoder(
                    ImageFiles.exactly(root),
                    new LabelRule.None(),
                    publisher.maxInlineBytes(config.ingest().maxInlineBytes()),
                    largeImages);
            return new Watch(root, camera, id, publisher, decoder, terminal).follow(interrupt);
        } catch (OncePublisher.PublishException | ObjectStoreException e) {
            throw new CommandException(ExitCode.FAILED, e.getMessage());
        }
    }

    /** One run of the command. */
    private final class Watch {
        private final Path root;
        private final CameraFile camera;
        private final String id;
        private final OncePublisher publisher;
        private final Decoder decoder;
        private final Terminal terminal;
        private final CameraLog log = new CameraLog();
        private final Map<String, String> unreadable = new HashMap<>();
        private long sent;
        private long malformed;

        Watch(Path root, CameraFile camera, String id, OncePublisher publisher, Decoder decoder, Terminal terminal) {
            this.root = root;
            this.camera = camera;
            this.id = id;
            this.publisher = publisher;
            this.decoder = decoder;
            this.terminal = terminal;
        }

        int follow(Interrupt interrupt) throws Exception {
            for (String name : publisher.entries()) {
                log.remember(
                        camera.driveOf(name),
                        publisher.progress(name).map(IngestProgress::getDigest).orElse(""));
            }
            WatchedFolder watched =
                    new WatchedFolder(root, Duration.ofMillis(settle), Duration.ofSeconds(patience), this::isSent);
            terminal.line("Following %s; %,d files of it were sent before. Ctrl-C ends it."
                    .formatted(root, publisher.entries().size()));
            boolean more = true;
            while (more && !interrupt.asked()) {
                long began = System.nanoTime();
                List<WatchedFolder.Whole> whole = watched.look(Clock.systemUTC().instant());
                long took = (System.nanoTime() - began) / 1_000_000;
                send(whole, interrupt);
                terminal.progress("  %,d sent, %,d not whole yet".formatted(sent, watched.pending() - whole.size()));
                more = !once || watched.pending() > whole.size();
                if (more) {
                    // Every look lists the whole folder; one of many files must not keep a processor busy.
                    interrupt.waitFor(Math.max(every, PAUSE_FOR_A_LOOK * took));
                }
            }
            terminal.endProgress();
            if (json) {
                ObjectNode document = new ObjectMapper().createObjectNode();
                document.put("ingestId", id);
                document.put("sent", sent);
                document.put("malformed", malformed);
                spec.commandLine().getOut().println(document.toPrettyString());
            } else {
                terminal.line("Sent %,d samples.".formatted(sent));
            }
            return (malformed == 0 ? ExitCode.DONE : ExitCode.NEGATIVE).code();
        }

        private boolean isSent(String name, String version) {
            return publisher
                    .progress(name)
                    .filter(progress -> CameraLog.isVersion(progress.getDigest(), version))
                    .isPresent();
        }

        private void send(List<WatchedFolder.Whole> whole, Interrupt interrupt) throws OncePublisher.PublishException {
            List<IngestProgress> reached = new ArrayList<>();
            for (WatchedFolder.Whole file : whole) {
                if (interrupt.asked()) {
                    break;
                }
                send(file).ifPresent(reached::add);
                if (publisher.full()) {
                    publisher.commit(reached);
                    reached.clear();
                }
            }
            if (!reached.isEmpty()) {
                publisher.commit(reached);
            }
        }

        /** Returns what is to be remembered of a file; nothing if it is to be tried again. */
        private Optional<IngestProgress> send(WatchedFolder.Whole file) throws OncePublisher.PublishException {
            String name = file.name();
            String driveId = camera.driveOf(name);
            Collected collected = decoder.decode(camera.entry(file, log.frame(driveId, file.modified())));
            String sha256 = "";
            Optional<Collected.Malformed> left;
            if (collected instanceof Collected.Sample read) {
                LabeledSample sample = read.sample();
                sha256 = sample.getImageReference() == null
                        ? sample.getImageSha256()
                        : sample.getImageReference().getSha256();
                Optional<IngestProgress> before = publisher.progress(name);
                if (before.isPresent() && CameraLog.isContent(before.get().getDigest(), sha256)) {
                    // Its time has changed and nothing else.
                    return Optional.of(IngestProgress.newBuilder(before.get())
                            .setDigest(log.line(file, driveId, sha256))
                            .build());
                }
                left = publisher.send(sample);
                sha256 = left.isEmpty() ? sha256 : "";
            } else {
                left = Optional.of((Collected.Malformed) collected);
                if (left.get().kind() == Collected.Kind.UNREADABLE_IMAGE
                        || left.get().kind() == Collected.Kind.MISSING_IMAGE) {
                    // Rights and network drives come back, so it is looked at again, and named once.
                    if (!file.version().equals(unreadable.put(name, file.version()))) {
                        leftOut(left.get());
                    }
                    return Optional.empty();
                }
            }
            left.ifPresent(this::leftOut);
            sent += left.isEmpty() ? 1 : 0;
            return Optional.of(IngestProgress.newBuilder()
                    .setIngestId(id)
                    .setDataset(root.toString())
                    .setEntry(name)
                    .setEntries(1)
                    .setSent(left.isEmpty() ? 1 : 0)
                    .setMalformed(left.isEmpty() ? 0 : 1)
                    .setDigest(log.line(file, driveId, sha256))
                    .setAt(Clock.systemUTC().instant())
                    .build());
        }

        private void leftOut(Collected.Malformed left) {
            malformed++;
            terminal.line(left.sentence());
        }
    }
}
