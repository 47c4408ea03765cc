using OutageDrill;
using OutageDrill.Workers;

if (VariantSettings.FromEnvironment() is { } settings)
{
    await VariantHost.RunAsync(settings);
    return 0;
}

return await DrillCommand.Create().Parse(args).InvokeAsync();
