package io.drivetrain.trainer.publish;

import io.drivetrain.trainer.assemble.PixelShape;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Draws the worst examples of a slice on one sheet: for each its picture, enlarged without smoothing so that it is seen as
 * the network saw it, the given and the predicted label, the drive and the frame. The same tiles on the same machine give
 * the same bytes.
 */
public final class ContactSheets {
    private static final int PICTURE = 128;
    private static final int CELL_WIDTH = 176;
    private static final int CELL_HEIGHT = PICTURE + 60;
    private static final int COLUMNS = 6;
    private static final int MARGIN = 16;
    private static final int TITLE_HEIGHT = 28;
    private static final int LINE_HEIGHT = 17;
    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
    private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
    private static final Color INK = new Color(0x22, 0x22, 0x22);
    private static final Color FAINT = new Color(0x66, 0x66, 0x66);
    private static final Color WRONG = new Color(0xb0, 0x20, 0x20);

    private ContactSheets() {}

    /**
     * One example.
     *
     * @param pixels unsigned bytes in CHW order; three channels are red, green and blue, one is grey, of others the first
     *     is shown
     * @param given label of the sample
     * @param predicted label that the model gave
     * @param probability of the predicted label, 0..1
     */
    // An array, because that is how pixels are read, and nobody compares tiles.
    @SuppressWarnings("ArrayRecordComponent")
    public record Tile(
            byte[] pixels,
            PixelShape shape,
            String given,
            String predicted,
            double probability,
            String drive,
            int frame) {
        public Tile {
            if (pixels.length != shape.bytes()) {
                throw new IllegalArgumentException(
                        "%d bytes of pixels for a picture of %s".formatted(pixels.length, shape));
            }
        }
    }

    /**
     * Writes a sheet as PNG.
     *
     * @param file is replaced if it exists
     * @param title name of the slice
     * @param figures lines of text below the title
     * @param tiles in the order shown, row by row; none gives a sheet that says so
     */
    public static void write(Path file, String title, List<String> figures, List<Tile> tiles) throws IOException {
        if (!ImageIO.write(draw(title, figures, tiles), "png", file.toFile())) {
            throw new IOException("This Java has no PNG writer, cannot write " + file);
        }
    }

    static BufferedImage draw(String title, List<String> figures, List<Tile> tiles) {
        int rows = Math.max(1, (tiles.size() + COLUMNS - 1) / COLUMNS);
        int top = MARGIN + TITLE_HEIGHT + figures.size() * LINE_HEIGHT + MARGIN / 2;
        int width = 2 * MARGIN + COLUMNS * CELL_WIDTH;
        BufferedImage sheet = new BufferedImage(width, top + rows * CELL_HEIGHT + MARGIN, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
            text(graphics, title, TITLE, INK, MARGIN, MARGIN + 18, width - 2 * MARGIN);
            for (int line = 0; line < figures.size(); line++) {
                int y = MARGIN + TITLE_HEIGHT + 12 + line * LINE_HEIGHT;
                text(graphics, figures.get(line), TEXT, FAINT, MARGIN, y, width - 2 * MARGIN);
            }
            if (tiles.isEmpty()) {
                text(graphics, "No errors in this slice", TEXT, FAINT, MARGIN, top + LINE_HEIGHT, CELL_WIDTH);
            }
            for (int i = 0; i < tiles.size(); i++) {
                int x = MARGIN + i % COLUMNS * CELL_WIDTH;
                int y = top + i / COLUMNS * CELL_HEIGHT;
                tile(graphics, tiles.get(i), x, y);
            }
        } finally {
            graphics.dispose();
        }
        return sheet;
    }

    private static void tile(Graphics2D graphics, Tile tile, int x, int y) {
        graphics.drawImage(picture(tile), x, y, null);
        int room = CELL_WIDTH - 8;
        text(graphics, tile.given(), TEXT, INK, x, y + PICTURE + 15, room);
        String predicted = String.format(Locale.ROOT, "→ %.2f %s", tile.probability(), tile.predicted());
        text(graphics, predicted, TEXT, WRONG, x, y + PICTURE + 30, room);
        String where = String.format(Locale.ROOT, "#%d  %s", tile.frame(), tile.drive());
        text(graphics, where, SMALL, FAINT, x, y + PICTURE + 45, room);
    }

    /** As large as fits the cell: a whole number of times if it is smaller than the cell, every n-th pixel if larger. */
    private static BufferedImage picture(Tile tile) {
        PixelShape shape = tile.shape();
        int longer = Math.max(shape.height(), shape.width());
        int times = Math.max(1, PICTURE / longer);
        int every = (longer + PICTURE - 1) / PICTURE;
        int height = Math.max(1, shape.height() * times / every);
        int width = Math.max(1, shape.width() * times / every);
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                picture.setRGB(column, row, rgb(tile, row * every / times, column * every / times));
            }
        }
        return picture;
    }

    private static int rgb(Tile tile, int row, int column) {
        int plane = tile.shape().height() * tile.shape().width();
        int at = row * tile.shape().width() + column;
        boolean colour = tile.shape().channels() == 3;
        int red = tile.pixels()[at] & 0xff;
        int green = colour ? tile.pixels()[plane + at] & 0xff : red;
        int blue = colour ? tile.pixels()[2 * plane + at] & 0xff : red;
        return (red << 16) | (green << 8) | blue;
    }

    /** Shortened at its end where it has no room. */
    private static void text(Graphics2D graphics, String text, Font font, Color colour, int x, int baseline, int room) {
        graphics.setFont(font);
        graphics.setColor(colour);
        FontMetrics metrics = graphics.getFontMetrics();
        String shown = text;
        while (!shown.isEmpty() && metrics.stringWidth(shown.equals(text) ? shown : shown + "…") > room) {
            shown = shown.substring(0, shown.length() - 1);
        }
        graphics.drawString(shown.equals(text) ? shown : shown + "…", x, baseline);
    }
}
