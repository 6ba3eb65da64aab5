using Belljar.Contracts;
using Belljar.Hosting.Doctor;
using Belljar.Mail.Doctor;

namespace Belljar;

/// <summary>Everything that <c>belljar doctor</c> looks at.</summary>
internal static class DoctorCatalog
{
    public static readonly Registry<DoctorCheck> All = new("check", MailDoctor.Checks);
}
