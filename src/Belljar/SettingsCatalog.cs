using Belljar.Contracts;
using Belljar.Decoys;
using Belljar.Hosting.Settings;
using Belljar.Mail;
using Belljar.Web;
using Belljar.Workers;

namespace Belljar;

/// <summary>Every section of <c>belljar.yaml</c>.</summary>
internal static class SettingsCatalog
{
    public static readonly Registry<SettingsSection> All = new(
        "section",
        StoreSettings.Section,
        BusSettings.Section,
        MailSettings.Section,
        DecoysSettings.Section,
        WebSettings.Section);
}
