using Belljar.Sandboxes.Tests.Backends;
using Belljar.Sandboxes.Tests.Conformance;

namespace Belljar.Sandboxes.Tests.Oci;

public class LifecycleTests(OciFixture backend) : LifecycleConformance(backend), IClassFixture<OciFixture>;

public class ExecTests(OciFixture backend) : ExecConformance(backend), IClassFixture<OciFixture>;

public class FileTests(OciFixture backend) : FileConformance(backend), IClassFixture<OciFixture>;

public class EscapeTests(OciFixture backend) : EscapeConformance(backend), IClassFixture<OciFixture>;

public class DecoyEscapeTests(OciDecoyFixture backend) : EscapeConformance(backend), IClassFixture<OciDecoyFixture>;

public class SecretTests(OciFixture backend) : SecretConformance(backend), IClassFixture<OciFixture>;

public class CrashTests(OciFixture backend) : CrashConformance(backend), IClassFixture<OciFixture>;

public class PackageTests(OciFixture backend, DebianTree debian) : PackageConformance(backend, debian), IClassFixture<OciFixture>;

public class KillTests(OciFixture backend) : KillConformance(backend), IClassFixture<OciFixture>;
