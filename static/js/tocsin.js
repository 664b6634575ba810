// What the pages do beyond links and forms.
