package io.drivetrain.ingest.synthesize;

import io.drivetrain.schemas.LabeledSample;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;

/** Lays frames out on one picture, each with its label and conditions, for people to look at. */
public final class ContactSheet {
    private static final int CAPTION = 16;

    private ContactSheet() {}

    /**
     * Draws the sheet.
     *
     * @param samples with inline images that can be decoded
     * @param columns of the sheet
     * @param cellWidth of one frame in pixels; the height follows from the first frame
     * @throws IOException if an image cannot be decoded
     */
    public static BufferedImage draw(List<LabeledSample> samples, int columns, int cellWidth) throws IOException {
        BufferedImage first = decode(samples.get(0));
        int cellHeight = cellWidth * first.getHeight() / first.getWidth();
        int rows = (samples.size() + columns - 1) / columns;
        BufferedImage sheet =
                new BufferedImage(columns * cellWidth, rows * (cellHeight + CAPTION), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        try {
            g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
            g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            g.setFont(g.getFont().deriveFont(11f));
            for (int i = 0; i < samples.size(); i++) {
                LabeledSample sample = samples.get(i);
                int x = i % columns * cellWidth;
                int y = i / columns * (cellHeight + CAPTION);
                g.drawImage(decode(sample), x, y, cellWidth, cellHeight, null);
                g.setColor(Color.WHITE);
                g.drawString(
                        "%s  %s %s %s"
                                .formatted(
                                        sample.getLabel(),
                                        sample.getAttributes().get("timeofday"),
                                        sample.getAttributes().get("weather"),
                                        sample.getAttributes().get("reflections")),
                        x + 3,
                        y + cellHeight + 12);
            }
        } finally {
            g.dispose();
        }
        return sheet;
    }

    private static BufferedImage decode(LabeledSample sample) throws IOException {
        BufferedImage image =
                ImageIO.read(new ByteArrayInputStream(sample.getImageBytes().array()));
        if (image == null) {
            throw new IOException(
                    "The image of sample %s cannot be decoded; leave it out".formatted(sample.getSampleId()));
        }
        return image;
    }
}
