namespace RpcGen.EndToEnd.Tests.Recipes;

#region contract
[AmqpRpc]
public partial interface IReports
{
    [RpcTimeout(120_000)]
    Task<Report> RenderAsync(int year, IProgress<int>? progress = null, CancellationToken cancellationToken = default);
}
#endregion

public sealed record Report(int Year);

public interface IRenderer
{
    Task RenderMonthAsync(int year, int month, CancellationToken cancellationToken);
}

public sealed class ReportService(IRenderer renderer) : IReports
{
    #region service
    public async Task<Report> RenderAsync(int year, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        for (int month = 1; month <= 12; month++)
        {
            await renderer.RenderMonthAsync(year, month, cancellationToken);
            progress?.Report(month * 100 / 12);
        }

        return new Report(year);
    }
    #endregion
}

internal static class ReportClient
{
    public static async Task<Report> RenderAsync(IReports reports, Action<int> show, CancellationToken cancellationToken)
    {
        #region call
        Report report = await reports.RenderAsync(2026, new Progress<int>(percent => show(percent)), cancellationToken);
        #endregion
        return report;
    }
}
