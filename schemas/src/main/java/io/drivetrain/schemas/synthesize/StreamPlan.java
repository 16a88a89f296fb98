package io.drivetrain.schemas.synthesize;

import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.synthesize.Conditions.Reflections;
import io.drivetrain.schemas.synthesize.Conditions.Scene;
import io.drivetrain.schemas.synthesize.Conditions.TimeOfDay;
import io.drivetrain.schemas.synthesize.Conditions.Weather;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a stream of synthetic scenes holds, whole and before anything is drawn: a pure function of its arguments.
 */
public final class StreamPlan {
    private static final Instant FIRST_DAY = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration FRAME_GAP = Duration.ofMillis(200);
    static final double SECONDS_PER_FRAME = FRAME_GAP.toMillis() / 1000.0;

    private final String name;
    private final long seed;
    private final int sourceDrives;
    private final int targetDrives;
    private final boolean sourceByNight;
    private final int width;
    private final int height;
    private final int framesPerDrive;
    private final FaultShares faults;
    private final float jpegQuality;
    private final List<Drive> drives;

    private StreamPlan(
            String name,
            long seed,
            int sourceDrives,
            int targetDrives,
            boolean sourceByNight,
            int width,
            int height,
            int framesPerDrive,
            FaultShares faults,
            float jpegQuality) {
        if (sourceDrives < 0 || targetDrives < 0 || framesPerDrive < 1 || width < 64 || height < 36) {
            throw new IllegalArgumentException(
                    "A plan needs 0 or more drives, 1 or more frames and at least 64x36 pixels; got %d and %d drives, %d frames, %dx%d"
                            .formatted(sourceDrives, targetDrives, framesPerDrive, width, height));
        }
        this.name = name;
        this.seed = seed;
        this.sourceDrives = sourceDrives;
        this.targetDrives = targetDrives;
        this.sourceByNight = sourceByNight;
        this.width = width;
        this.height = height;
        this.framesPerDrive = framesPerDrive;
        this.faults = faults;
        this.jpegQuality = jpegQuality;
        this.drives = List.copyOf(lay());
    }

    /** One drive of the plan. */
    public record Drive(String id, Domain domain, Conditions conditions, Instant start, long seed) {}

    /**
     * SOURCE drives by day in clear weather, and TARGET drives spread among them that turn to night, with reflections and
     * rain, in their second half; faults planted at {@link FaultShares#DEFAULT}; 640x360, 12 frames a drive.
     */
    public static StreamPlan first(long seed, int sourceDrives, int targetDrives) {
        return new StreamPlan(
                "first",
                seed,
                sourceDrives,
                targetDrives,
                false,
                640,
                360,
                12,
                FaultShares.DEFAULT,
                Camera.JPEG_QUALITY);
    }

    /** New SOURCE drives by night, as a team would collect after an alert. */
    public static StreamPlan nightSource(long seed, int drives) {
        return new StreamPlan("night", seed, drives, 0, true, 640, 360, 12, FaultShares.DEFAULT, Camera.JPEG_QUALITY);
    }

    public StreamPlan withSize(int newWidth, int newHeight) {
        return new StreamPlan(
                name,
                seed,
                sourceDrives,
                targetDrives,
                sourceByNight,
                newWidth,
                newHeight,
                framesPerDrive,
                faults,
                jpegQuality);
    }

    public StreamPlan withFramesPerDrive(int frames) {
        return new StreamPlan(
                name, seed, sourceDrives, targetDrives, sourceByNight, width, height, frames, faults, jpegQuality);
    }

    public StreamPlan withFaults(FaultShares shares) {
        return new StreamPlan(
                name,
                seed,
                sourceDrives,
                targetDrives,
                sourceByNight,
                width,
                height,
                framesPerDrive,
                shares,
                jpegQuality);
    }

    /**
     * The same frames, compressed more or less.
     *
     * @param quality of the JPEG encoder, above 0 and up to 1
     */
    public StreamPlan withJpegQuality(float quality) {
        if (!(quality > 0 && quality <= 1)) {
            throw new IllegalArgumentException("JPEG quality must be above 0 and up to 1; got " + quality);
        }
        return new StreamPlan(
                name, seed, sourceDrives, targetDrives, sourceByNight, width, height, framesPerDrive, faults, quality);
    }

    /** How many records the stream has, second copies included. */
    public long records() {
        long duplicates = ledger().values().stream()
                .filter(fault -> fault == Fault.DUPLICATE)
                .count();
        return (long) drives.size() * framesPerDrive + duplicates;
    }

    /** Every planted fault by sample id, in stream order; frames without one are not in it. */
    public Map<String, Fault> ledger() {
        Map<String, Fault> ledger = new LinkedHashMap<>();
        for (Drive drive : drives) {
            for (int frame = 0; frame < framesPerDrive; frame++) {
                Fault fault = faultOf(drive, frame);
                if (fault != Fault.NONE) {
                    ledger.put(sampleId(drive, frame), fault);
                }
            }
        }
        return ledger;
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    public int framesPerDrive() {
        return framesPerDrive;
    }

    /** The shares of planted faults. */
    public FaultShares faults() {
        return faults;
    }

    float jpegQuality() {
        return jpegQuality;
    }

    /** All drives, in stream order. */
    public List<Drive> drives() {
        return drives;
    }

    Fault faultOf(Drive drive, int frame) {
        return faults.at(new SplittableRandom(mix(drive.seed(), 0x5EED_FA17L + frame)).nextDouble());
    }

    static String sampleId(Drive drive, int frame) {
        return "%s/%06d".formatted(drive.id(), frame);
    }

    static Instant capturedAt(Drive drive, int frame) {
        return drive.start().plus(FRAME_GAP.multipliedBy(frame));
    }

    private List<Drive> lay() {
        List<Drive> laid = new ArrayList<>(sourceDrives + targetDrives);
        int source = 0;
        int target = 0;
        while (source < sourceDrives || target < targetDrives) {
            boolean sourceIsBehind = (long) source * targetDrives <= (long) target * sourceDrives;
            if (target == targetDrives || (source < sourceDrives && sourceIsBehind)) {
                laid.add(drive("source", Domain.SOURCE, source++, sourceByNight ? 1 : 0));
            } else {
                laid.add(drive("target", Domain.TARGET, target, target * 2 < targetDrives ? 0 : 1));
                target++;
            }
        }
        return laid;
    }

    private Drive drive(String kind, Domain domain, int number, int phase) {
        long driveSeed = mix(mix(seed, name.hashCode() * 31L + kind.hashCode()), number);
        SplittableRandom random = new SplittableRandom(driveSeed);
        boolean night = phase == 1 && random.nextDouble() < (domain == Domain.SOURCE ? 0.9 : 0.85);
        TimeOfDay time = night ? TimeOfDay.NIGHT : phase == 1 ? TimeOfDay.DUSK : TimeOfDay.DAYTIME;
        Weather weather = Weather.CLEAR;
        Reflections reflections = Reflections.NONE;
        double chance = random.nextDouble();
        if (phase == 1) {
            weather = chance < 0.2 ? Weather.RAINY : chance < 0.35 ? Weather.OVERCAST : Weather.CLEAR;
            double kindOfReflection = random.nextDouble();
            reflections = weather == Weather.RAINY
                    ? Reflections.WET_ROAD
                    : kindOfReflection < 0.3
                            ? Reflections.WINDSCREEN
                            : kindOfReflection < 0.45 ? Reflections.WET_ROAD : Reflections.NONE;
        }
        Scene scene = random.nextDouble() < 0.6 ? Scene.CITY_STREET : Scene.RESIDENTIAL;
        int hour = switch (time) {
            case DAYTIME -> 9 + random.nextInt(7);
            case DUSK -> 19;
            case NIGHT -> 21 + random.nextInt(3);
        };
        Instant start = FIRST_DAY
                .plus(Duration.ofDays(number))
                .plus(Duration.ofHours(hour))
                .plus(Duration.ofMinutes(random.nextInt(60)));
        return new Drive(
                "%s-%s-%04d".formatted(name, kind, number),
                domain,
                new Conditions(time, weather, scene, reflections),
                start,
                driveSeed);
    }

    /** Mixes two numbers into a seed (the finaliser of MurmurHash3). */
    static long mix(long a, long b) {
        long h = a * 0x9E3779B97F4A7C15L + b;
        h = (h ^ (h >>> 33)) * 0xFF51AFD7ED558CCDL;
        h = (h ^ (h >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return h ^ (h >>> 33);
    }
}
