package io.drivetrain.pipeline.measure;

/** Colours multiplied by opacity and back, as Pillow does it around a resize (its modes RGBa and La). */
final class Opacity {
    private Opacity() {}

    /** Colours times opacity; opacity stays. */
    static Picture multiplied(Picture picture) {
        int step = picture.mode().samples();
        byte[] result = new byte[picture.area() * step];
        for (int p = 0; p < result.length; p += step) {
            int opacity = picture.samples()[p + step - 1] & 0xFF;
            for (int c = 0; c < step - 1; c++) {
                int product = (picture.samples()[p + c] & 0xFF) * opacity + 128;
                result[p + c] = (byte) ((product >> 8) + product >> 8);
            }
            result[p + step - 1] = (byte) opacity;
        }
        return new Picture(picture.width(), picture.height(), picture.mode(), result);
    }

    /** Colours over opacity; where opacity is 0 or 255 they stay. */
    static Picture divided(Picture picture) {
        int step = picture.mode().samples();
        byte[] result = new byte[picture.area() * step];
        for (int p = 0; p < result.length; p += step) {
            int opacity = picture.samples()[p + step - 1] & 0xFF;
            for (int c = 0; c < step - 1; c++) {
                int value = picture.samples()[p + c] & 0xFF;
                result[p + c] = (byte) (opacity == 0 || opacity == 255 ? value : Math.min(255, 255 * value / opacity));
            }
            result[p + step - 1] = (byte) opacity;
        }
        return new Picture(picture.width(), picture.height(), picture.mode(), result);
    }
}
