import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** A server in memory on a free port of the loopback address, which it prints. */
class Server {
    /** The newest wire version that the server reports by itself is too old for PyMongo. */
    static class Version implements MongoVersion {
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        public int getWireVersion() {
            return 9;
        }
    }

    public static void main(String[] arguments) {
        var server = new MongoServer(new MemoryBackend().version(new Version()));
        server.bind("127.0.0.1", 0);
        System.out.println("listening on port " + server.getLocalAddress().getPort());
    }
}
