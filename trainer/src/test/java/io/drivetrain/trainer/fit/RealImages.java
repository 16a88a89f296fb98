package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.HeldSamples;
import io.drivetrain.trainer.vectors.SharedFolder;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import javax.imageio.ImageIO;

/**
 * Real images of one split, in RGB at one size, sorted by drive as the trainer's own views are.
 *
 * @param ids paths of the images
 * @param drives of the images
 */
record RealImages(String split, byte[][] pixels, int[] labels, List<String> ids, List<String> drives, int side)
        implements HeldSamples {
    /** The four splits of a data set, dealt by drive, and its classes. */
    record DataSet(List<String> classes, Map<String, RealImages> splits) {
        RealImages train() {
            return splits.get("train");
        }

        /** The same with another split of that name. */
        DataSet with(RealImages split) {
            Map<String, RealImages> changed = new LinkedHashMap<>(splits);
            changed.put(split.split(), split);
            return new DataSet(classes, changed);
        }

        List<RealImages> others() {
            return List.of(splits.get("train-dev"), splits.get("test-dev"), splits.get("test"));
        }
    }

    /** The same with more images at the end. */
    RealImages with(RealImages from, List<Integer> indices, String drive, int brighter) {
        List<byte[]> allPixels = new ArrayList<>(List.of(pixels));
        List<Integer> allLabels = new ArrayList<>(Arrays.stream(labels).boxed().toList());
        List<String> allIds = new ArrayList<>(ids);
        List<String> allDrives = new ArrayList<>(drives);
        for (int index : indices) {
            byte[] copy = from.pixels[index].clone();
            for (int i = 0; i < copy.length; i++) {
                copy[i] = (byte) Math.min(255, (copy[i] & 0xff) + brighter);
            }
            allPixels.add(copy);
            allLabels.add(from.labels[index]);
            allIds.add("copy-" + index);
            allDrives.add(drive);
        }
        return new RealImages(
                split,
                allPixels.toArray(byte[][]::new),
                allLabels.stream().mapToInt(Integer::intValue).toArray(),
                allIds,
                allDrives,
                side);
    }

    private record Row(String path, String label, String domain, String drive) {}

    /** Reads {@code shared/data/NAME/manifest.csv}; empty where there is no such folder. */
    static Optional<DataSet> read(String name, int side) throws IOException {
        Optional<Path> folder = SharedFolder.find("data/" + name);
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(folder.get().resolve("manifest.csv"))) {
            String[] cells = line.split(",");
            if (!cells[0].equals("path")) {
                rows.add(new Row(cells[0], cells[1], cells[2], cells[3]));
            }
        }
        rows.sort((a, b) -> (a.drive() + " " + a.path()).compareTo(b.drive() + " " + b.path()));
        List<String> classes =
                List.copyOf(new TreeSet<>(rows.stream().map(Row::label).toList()));
        Map<String, RealImages> splits = new LinkedHashMap<>();
        for (String split : List.of("train", "train-dev", "test-dev", "test")) {
            List<Row> chosen =
                    rows.stream().filter(row -> splitOf(row).equals(split)).toList();
            byte[][] pixels = new byte[chosen.size()][];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = pixels(folder.get().resolve(chosen.get(i).path()), side);
            }
            splits.put(
                    split,
                    new RealImages(
                            split,
                            pixels,
                            chosen.stream()
                                    .mapToInt(row -> classes.indexOf(row.label()))
                                    .toArray(),
                            chosen.stream().map(Row::path).toList(),
                            chosen.stream().map(Row::drive).toList(),
                            side));
        }
        return Optional.of(new DataSet(classes, splits));
    }

    private static String splitOf(Row row) {
        int hash = Math.floorMod(row.drive().hashCode() * 0x9e3779b1 >>> 8, 4);
        if (row.domain().equals("SOURCE")) {
            return hash == 0 ? "train-dev" : "train";
        }
        return hash < 2 ? "test-dev" : "test";
    }

    private static byte[] pixels(Path file, int side) throws IOException {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(ImageIO.read(file.toFile()), 0, 0, side, side, null);
        graphics.dispose();
        byte[] chw = new byte[3 * side * side];
        for (int i = 0; i < side * side; i++) {
            int rgb = image.getRGB(i % side, i / side);
            chw[i] = (byte) (rgb >> 16);
            chw[side * side + i] = (byte) (rgb >> 8);
            chw[2 * side * side + i] = (byte) rgb;
        }
        return chw;
    }

    FitCheckup.NamedSplit named() {
        return new FitCheckup.NamedSplit(split, this, ids::get, drives::get);
    }

    RealImages withLabels(int[] other) {
        return new RealImages(split, pixels, other, ids, drives, side);
    }

    RealImages withPixels(byte[][] other) {
        return new RealImages(split, other, labels, ids, drives, side);
    }

    @Override
    public int channels() {
        return 3;
    }

    @Override
    public int height() {
        return side;
    }

    @Override
    public int width() {
        return side;
    }

    @Override
    public int drive(int index) {
        return drives.indexOf(drives.get(index));
    }
}
