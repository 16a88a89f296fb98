package io.drivetrain.infra.cli.replay;

import io.drivetrain.schemas.LabeledSample;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Small pictures of rejected samples: one PNG each, and a sheet of all with their codes. */
public final class Thumbnails {
    /** Larger images are not decoded: some were rejected because they are bombs. */
    private static final long MOST_PIXELS = 64_000_000;

    /** A decoder holds a few whole rows, and some were made too long for that. */
    private static final int LONGEST_SIDE = 65_535;

    private static final int MOST_ON_SHEET = 400;

    /** Of the sheet and of the pictures for it: 400 of the usual size, few of large ones. */
    private static final long MOST_SHEET_PIXELS = 16_000_000;

    private static final int CAPTION = 28;
    private static final int GAP = 6;
    private static final int COLUMNS = 6;

    private final Path folder;
    private final int side;
    private final int mostOnSheet;
    private final List<Cell> cells = new ArrayList<>();
    private int written;
    private int without;

    private record Cell(BufferedImage picture, String first, String second) {}

    /**
     * Thumbnails in a folder, which is made.
     *
     * @param side of the longest in pixels
     */
    public Thumbnails(Path folder, int side) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.side = side;
        this.mostOnSheet = (int) Math.max(1, Math.min(MOST_ON_SHEET, MOST_SHEET_PIXELS / ((long) side * side)));
    }

    /** Writes the thumbnail of a sample; one without a picture that can be shown is counted. */
    public void add(Rejection rejection) throws IOException {
        Optional<BufferedImage> picture = rejection.labeled().flatMap(this::picture);
        if (picture.isEmpty()) {
            without++;
        } else {
            String name = rejection.place().replaceAll("[^A-Za-z0-9.@_-]", "_") + ".png";
            ImageIO.write(picture.get(), "png", folder.resolve(name).toFile());
            written++;
        }
        if (cells.size() < mostOnSheet) {
            String id = rejection.sample().getSampleId();
            cells.add(new Cell(
                    picture.orElse(null), String.join(", ", rejection.codes()), id == null ? rejection.place() : id));
        }
    }

    private Optional<BufferedImage> picture(LabeledSample sample) {
        byte[] bytes = Rejection.bytes(sample.getImageBytes());
        if (bytes == null) {
            return Optional.empty();
        }
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            return readers.hasNext() ? read(readers.next(), in) : Optional.empty();
        } catch (IOException | RuntimeException e) {
            // Damaged images make Java's decoders throw all kinds of exceptions; the sheet shows that there is none.
            return Optional.empty();
        }
    }

    private Optional<BufferedImage> read(ImageReader reader, ImageInputStream in) throws IOException {
        try {
            reader.setInput(in, true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if (Math.max(width, height) > LONGEST_SIDE || (long) width * height > MOST_PIXELS) {
                return Optional.empty();
            }
            int step = Math.max(1, Math.max(width, height) / (2 * side));
            ImageReadParam parameters = reader.getDefaultReadParam();
            parameters.setSourceSubsampling(step, step, 0, 0);
            return Optional.of(scaled(reader.read(0, parameters)));
        } finally {
            reader.dispose();
        }
    }

    private BufferedImage scaled(BufferedImage image) {
        double scale = Math.min(1, (double) side / Math.max(image.getWidth(), image.getHeight()));
        int width = Math.max(1, (int) Math.round(image.getWidth() * scale));
        int height = Math.max(1, (int) Math.round(image.getHeight() * scale));
        BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = result.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return result;
    }

    /** Writes the sheet and returns what was done in a sentence. */
    public String finish() throws IOException {
        if (cells.isEmpty()) {
            return "No sample, no thumbnail.";
        }
        int columns = Math.min(COLUMNS, cells.size());
        int rows = (cells.size() + columns - 1) / columns;
        int across = side + GAP;
        int down = side + CAPTION + GAP;
        BufferedImage sheet = new BufferedImage(columns * across + GAP, rows * down + GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(graphics.getFont().deriveFont(10f));
        for (int i = 0; i < cells.size(); i++) {
            draw(graphics, cells.get(i), GAP + i % columns * across, GAP + i / columns * down);
        }
        graphics.dispose();
        Path file = folder.resolve("sheet.png");
        ImageIO.write(sheet, "png", file.toFile());
        int all = written + without;
        return "%d thumbnails and a sheet%s in %s; %d samples have no picture that can be shown"
                .formatted(
                        written,
                        cells.size() == all ? "" : " of the first %d of %d samples".formatted(cells.size(), all),
                        file,
                        without);
    }

    private void draw(Graphics2D graphics, Cell cell, int x, int y) {
        graphics.setColor(new Color(0x30, 0x30, 0x30));
        graphics.fillRect(x, y, side, side);
        graphics.setColor(Color.WHITE);
        if (cell.picture == null) {
            graphics.drawString("no picture", x + GAP, y + side / 2);
        } else {
            graphics.drawImage(
                    cell.picture,
                    x + (side - cell.picture.getWidth()) / 2,
                    y + (side - cell.picture.getHeight()) / 2,
                    null);
        }
        graphics.setClip(x, y, side, side + CAPTION);
        graphics.drawString(cell.first, x, y + side + 11);
        graphics.setColor(Color.LIGHT_GRAY);
        graphics.drawString(cell.second, x, y + side + 23);
        graphics.setClip(null);
    }
}
