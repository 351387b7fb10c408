"""What the banner is measured beside: the pages' own files of other open banners, with the bench policy's purposes."""
