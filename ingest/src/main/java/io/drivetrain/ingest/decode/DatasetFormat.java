package io.drivetrain.ingest.decode;

/** The formats that are read. */
public enum DatasetFormat {
    /** Images with a manifest CSV or JSONL, or with their classes as names of folders. */
    FOLDER("folder"),
    /** Scalabel JSON with attributes and box2d. */
    BDD100K("bdd100k"),
    /** Instances JSON. */
    COCO("coco"),
    /** One label_2 text for each image. */
    KITTI("kitti"),
    /** One text of relative boxes for each image. */
    YOLO("yolo");

    private final String text;

    DatasetFormat(String text) {
        this.text = text;
    }

    /** As it is written on the command line. */
    public String text() {
        return text;
    }
}
