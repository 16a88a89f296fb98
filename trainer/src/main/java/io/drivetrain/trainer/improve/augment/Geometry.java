package io.drivetrain.trainer.improve.augment;

/** Moves pixels. */
final class Geometry {
    private Geometry() {}

    /** Left and right swapped. */
    static Image mirrored(Image image) {
        Image result = image.blank();
        int width = image.width();
        byte[] from = image.values();
        byte[] to = result.values();
        for (int row = 0; row < from.length; row += width) {
            for (int x = 0; x < width; x++) {
                to[row + x] = from[row + width - 1 - x];
            }
        }
        return result;
    }

    /**
     * A part of the image, enlarged to all of it by bilinear interpolation.
     *
     * @param top row of the part's upper edge, in pixels
     * @param left column of its left edge, in pixels
     * @param side of the part as a share of the image's, above 0 to 1
     */
    static Image cropped(Image image, double top, double left, double side) {
        Image result = image.blank();
        for (int y = 0; y < image.height(); y++) {
            double sourceY = within(top + (y + 0.5) * side - 0.5, image.height());
            int y0 = (int) sourceY;
            int y1 = Math.min(y0 + 1, image.height() - 1);
            double fy = sourceY - y0;
            for (int x = 0; x < image.width(); x++) {
                double sourceX = within(left + (x + 0.5) * side - 0.5, image.width());
                int x0 = (int) sourceX;
                int x1 = Math.min(x0 + 1, image.width() - 1);
                double fx = sourceX - x0;
                for (int channel = 0; channel < image.channels(); channel++) {
                    double upper = image.at(channel, y0, x0) * (1 - fx) + image.at(channel, y0, x1) * fx;
                    double lower = image.at(channel, y1, x0) * (1 - fx) + image.at(channel, y1, x1) * fx;
                    result.set(channel, y, x, upper * (1 - fy) + lower * fy);
                }
            }
        }
        return result;
    }

    /** A square filled with the image's mean colour (DeVries and Taylor, 2017); it may reach over the edge. */
    static Image withoutSquare(Image image, int centreY, int centreX, int side) {
        Image result = new Image(
                image.channels(), image.height(), image.width(), image.values().clone());
        int top = Math.max(0, centreY - side / 2);
        int bottom = Math.min(image.height(), centreY - side / 2 + side);
        int left = Math.max(0, centreX - side / 2);
        int right = Math.min(image.width(), centreX - side / 2 + side);
        for (int channel = 0; channel < image.channels(); channel++) {
            double mean = Tones.mean(image, channel);
            for (int y = top; y < bottom; y++) {
                for (int x = left; x < right; x++) {
                    result.set(channel, y, x, mean);
                }
            }
        }
        return result;
    }

    private static double within(double position, int length) {
        return Math.max(0, Math.min(length - 1, position));
    }
}
