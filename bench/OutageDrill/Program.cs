using OutageDrill;
using OutageDrill.Workers;

if (WorkerSettings.FromEnvironment() is { } settings)
{
    await WorkerHost.RunAsync(settings);
    return 0;
}

return await DrillCommand.Create().Parse(args).InvokeAsync();
